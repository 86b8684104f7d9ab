#!/bin/bash
# zones.sh - the standing zones of the testbed, written through the PowerDNS API (idempotent).
. "$(dirname "$0")/lib.sh"
for d in bigmail.com:$IP_ISP1 outmail.net:$IP_ISP2 oldhost.org:$IP_ISP3 puffy.net:$IP_ISP4; do z=${d%%:*} ip=${d##*:}
  mkzone $z; rr $z $z A 30 $ip; rr $z mx.$z A 30 $ip; rr $z $z MX 30 "10 mx.$z."; rr $z imap.$z A 30 $ip
  rr $z $z TXT 30 "\"v=spf1 ip4:$ip -all\""; rr $z _dmarc.$z TXT 30 "\"v=DMARC1; p=none; rua=mailto:dmarc@$z\""; done
mkzone platform-host.io
for h in track:$HOST_IP mail:$HOST_IP vps1:$IP_VPS1 vps2:$IP_VPS2 acme:$IP_ACME; do rr platform-host.io "${h%%:*}.platform-host.io" A 30 "${h##*:}"; done
# reverse
z=18.198.in-addr.arpa; mkzone $z
ptr() { local a=${1%.*}; rr $z "${1##*.}.$(echo "$1" | cut -d. -f3).18.198.in-addr.arpa" PTR 30 "$2."; }
ptr $IP_ISP1 mx.bigmail.com; ptr $IP_ISP2 mx.outmail.net; ptr $IP_ISP3 mx.oldhost.org; ptr $IP_ISP4 mx.puffy.net; ptr $HOST_IP mail.platform-host.io; ptr $IP_VPS1 vps1.platform-host.io; ptr $IP_VPS2 vps2.platform-host.io
# Blocklists under their real names, with answers of our own: 127.0.0.2 is always listed, everything else is not.
for b in zen.spamhaus.org b.barracudacentral.org bl.spamcop.net dbl.spamhaus.org; do mkzone $b; done
rr zen.spamhaus.org 2.0.0.127.zen.spamhaus.org A 30 127.0.0.2 127.0.0.4 127.0.0.10
rr b.barracudacentral.org 2.0.0.127.b.barracudacentral.org A 30 127.0.0.2
