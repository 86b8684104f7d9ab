#!/bin/bash
# acme.sh start|stop|status - Pebble, an ACME authority: https://acme.platform-host.io:14000/dir (http-01 to port 80, names through the resolver of the testbed)
. "$(dirname "$0")/lib.sh"; W=$TB/acme
case ${1:-} in
start) "$HERE/net.sh" up; mkdir -p "$W"; "$HERE/ca.sh" issue pebble "acme.platform-host.io,$IP_ACME,localhost"
  jq -n --arg a "$IP_ACME:14000" --arg m "$IP_ACME:15000" --arg c "$CA/pebble.pem" --arg k "$CA/pebble.key" \
    '{pebble:{listenAddress:$a,managementListenAddress:$m,certificate:$c,privateKey:$k,httpPort:80,tlsPort:443,ocspResponderURL:"",externalAccountBindingRequired:false}}' > "$W/pebble.json"
  spawn acme-pebble acme env PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 pebble -config "$W/pebble.json" -dnsserver $IP_RES:53 -strict false
  wait_tcp $IP_ACME 14000; curl -s --noproxy '*' --cacert "$CA/ca.pem" https://$IP_ACME:15000/roots/0 > "$CA/pebble-root.pem";;
stop) reap acme-pebble;;
status) up acme-pebble && echo "acme-pebble up" || echo "acme-pebble down";;
*) echo "usage: $0 start|stop|status"; exit 2;; esac
