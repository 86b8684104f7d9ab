#!/bin/bash
# net.sh up|down|status - one namespace per machine, all on a bridge that lives in its own namespace.
# The host gets one link ($P0, 198.18.0.1/16). Nothing in the host's firewall, routes or resolv.conf is changed.
. "$(dirname "$0")/lib.sh"
declare -A A=( [dns]="$IP_ROOT $IP_RES $IP_PDNS $IP_BIND" [acme]="$IP_ACME" [vps1]="$IP_VPS1 $NET.1.102 $NET.1.103" [vps2]="$IP_VPS2"
  [isp1]="$IP_ISP1" [isp2]="$IP_ISP2" [isp3]="$IP_ISP3" [isp4]="$IP_ISP4" )
# The addresses are the same for everybody: a testbed belongs to the state folder that brought it up, and no other touches it.
OWNER=/run/penguin-testbed
foreign() { [ -s "$OWNER" ] && [ "$(cat "$OWNER")" != "$TB" ] && ip link show "${P}0" >/dev/null 2>&1; }
case ${1:-} in
up) foreign && die "another testbed is up on this machine, from $(cat "$OWNER"); take it down there first"
  echo "$TB" > "$OWNER"
  ip netns list | grep -qw "$P-hub" || { ip netns add "$P-hub"; ns hub ip link set lo up; ns hub ip link add br0 type bridge forward_delay 0; ns hub ip link set br0 up; }
  if ! ip link show "${P}0" >/dev/null 2>&1; then
    ip link add "${P}0" type veth peer name host netns "$P-hub"; ns hub ip link set host master br0 up
    ip addr add "$HOST_IP/16" dev "${P}0"; ip link set "${P}0" up; fi
  for n in "${!A[@]}"; do
    ip netns list | grep -qw "$P-$n" && continue
    ip netns add "$P-$n"; ns "$n" ip link set lo up
    ip -n "$P-$n" link add eth0 type veth peer name "$n" netns "$P-hub"; ns hub ip link set "$n" master br0 up
    for a in ${A[$n]}; do ip -n "$P-$n" addr add "$a/16" dev eth0; done
    ip -n "$P-$n" link set eth0 up
    mkdir -p "/etc/netns/$P-$n"; echo "nameserver $IP_RES" > "/etc/netns/$P-$n/resolv.conf"   # `ip netns exec` binds this over /etc/resolv.conf
    printf '127.0.0.1 localhost\n' > "/etc/netns/$P-$n/hosts"
  done;;
down) foreign && die "the testbed that is up belongs to $(cat "$OWNER"): nothing of it was touched"
  for n in "${!A[@]}"; do ns_reap "$n"; ip netns del "$P-$n" 2>/dev/null; rm -f "/etc/netns/$P-$n/resolv.conf" "/etc/netns/$P-$n/hosts"; rmdir "/etc/netns/$P-$n" 2>/dev/null; done
  ip netns del "$P-hub" 2>/dev/null; ip link del "${P}0" 2>/dev/null; rm -f "$OWNER";;
status) ip netns list | grep "^$P-" ; ip -br addr show "${P}0" 2>/dev/null; for n in "${!A[@]}"; do printf '%-6s %s | %s procs\n' "$n" "${A[$n]}" "$(ip netns pids "$P-$n" 2>/dev/null | wc -l)"; done;;
*) echo "usage: $0 up|down|status"; exit 2;; esac
