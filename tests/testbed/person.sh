#!/bin/bash
# person.sh - what people do outside the program.
#   zone DOMAIN              the owner of a domain has an empty zone at a DNS provider (PowerDNS); the registrar does not lead there yet
#   delegate DOMAIN pdns|bind   the owner sets the name servers at the registrar
#   ptr ADDRESS NAME         whoever provides the address sets its reverse name
#   authorise MACHINE LINE   whoever holds the machine lets a public key in
#   ACTION USER@ISP TOKEN …  a recipient: see persona.py (wait, results, reply, …)
. "$(dirname "$0")/lib.sh"
case ${1:-} in
zone) pdns DELETE "/zones/$2." >/dev/null; { echo "server $IP_ROOT 53"; echo "zone ${2##*.}."; echo "update delete $2. NS"; echo send; } | nsupdate -k "$ETC/registrar.key"
  pdns POST /zones "$(jq -nc --arg n "$2." '{name:$n,kind:"Native",nameservers:["ns1.pdns-host.net.","ns2.pdns-host.net."],soa_edit_api:"DEFAULT"}')" >/dev/null;;
delegate) case $3 in pdns) delegate "$2" ns1.pdns-host.net ns2.pdns-host.net;; bind) delegate "$2" ns1.bind-host.net;; *) die "no such provider: $3";; esac;;
ptr) IFS=. read -r a b c d <<<"$2"; rr 18.198.in-addr.arpa "$d.$c.$b.$a.in-addr.arpa" PTR 30 "$3.";;
authorise) "$HERE/vps.sh" ssh "$2" tee -a .ssh/authorized_keys <<<"$3" >/dev/null;;
*) exec "$HERE/persona.py" "$@";;
esac
