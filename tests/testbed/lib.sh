# lib.sh - sourced by every script here. State lives in $TB (default artifacts/testbed), the image of the bare machines in $CACHE.
# Processes: every daemon is started through `spawn` (foreground mode, own log) and recorded as
# "pid starttime"; `reap` ends that pid only if the start time still matches. Nothing is ended by name.
set -u
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin
HERE=${HERE:-$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)}
TB=${TB:-$HERE/../../artifacts/testbed}
mkdir -p "$TB" && TB=$(cd "$TB" && pwd)
# The daemons give root's rights away: a tree below a closed home folder is no place for them.
setpriv --reuid nobody --clear-groups test -x "$TB" 2>/dev/null || { TB=/var/tmp/penguin-testbed; mkdir -p "$TB"; }
export TB
CACHE=${TESTBED_CACHE:-/var/cache/penguin-testbed}
RUN=$TB/run; LOG=$TB/log; CA=$TB/ca; ETC=$TB/etc
mkdir -p "$RUN" "$LOG" "$ETC" "$CA"; chmod 755 "$TB" "$RUN" "$LOG" "$ETC" "$CA"
P=${TB_PREFIX:-tb}                       # prefix of namespaces and host link
NET=198.18                               # 198.18.0.0/15 = RFC 2544 benchmark range: not RFC 1918, so filters treat it as outside
HOST_IP=$NET.0.1
IP_ROOT=$NET.0.50; IP_RES=$NET.0.53; IP_PDNS=$NET.0.54; IP_BIND=$NET.0.55; IP_ACME=$NET.0.61
IP_VPS1=$NET.1.101; IP_VPS2=$NET.1.111
IP_ISP1=$NET.2.10; IP_ISP2=$NET.2.20; IP_ISP3=$NET.2.30; IP_ISP4=$NET.2.40
PDNS_API=http://$IP_PDNS:8081/api/v1/servers/localhost; PDNS_KEY=${PDNS_KEY:-testbed-pdns-key}

say()  { printf '%s\n' "$*" >&2; }
die()  { say "FAIL: $*"; exit 1; }
sig()  { awk '{sub(/^.*\) /,""); if ($1!="Z") print $20}' "/proc/$1/stat" 2>/dev/null; }  # start time in ticks; a zombie counts as gone (PID 1 here reaps only every ~2 s)
ns()   { local n=$1; shift; ip netns exec "$P-$n" "$@"; }
up()   { local f=$RUN/$1.pid p s; [ -s "$f" ] || return 1; read -r p s < "$f"; [ -n "$s" ] && [ "$(sig "$p")" = "$s" ]; }
rec()  { printf '%s %s\n' "$2" "$(sig "$2")" > "$RUN/$1.pid"; }                   # rec NAME PID
spawn() { # spawn NAME NS|- CMD...
  local name=$1 n=$2; shift 2; up "$name" && return 0
  if [ "$n" = - ]; then setsid "$@" </dev/null >>"$LOG/$name.log" 2>&1 &
  else setsid ip netns exec "$P-$n" "$@" </dev/null >>"$LOG/$name.log" 2>&1 & fi
  local p=$!; disown "$p" 2>/dev/null; sleep 0.05; rec "$name" "$p"
}
recpid() { # recpid NAME PIDFILE : record a daemon that forks away by itself
  local i; for i in $(seq 100); do [ -s "$2" ] && break; sleep 0.05; done
  rec "$1" "$(tr -dc 0-9 < "$2")"; }
reap() { # reap NAME [seconds]
  local f=$RUN/$1.pid p s i; if ! up "$1"; then rm -f "$f"; return 0; fi
  read -r p s < "$f"; kill -TERM "$p" 2>/dev/null
  for i in $(seq $(( ${2:-8} * 20 ))); do up "$1" || break; sleep 0.05; done
  up "$1" && kill -KILL "$p" 2>/dev/null; rm -f "$f"; }
ns_reap() { # last resort: pids still inside OUR namespace (everything there was started by these scripts)
  local p; for p in $(ip netns pids "$P-$1" 2>/dev/null); do kill -TERM "$p" 2>/dev/null; done
  for i in 1 2 3 4 5 6 7 8 9 10; do [ -z "$(ip netns pids "$P-$1" 2>/dev/null)" ] && return 0; sleep 0.2; done
  for p in $(ip netns pids "$P-$1" 2>/dev/null); do kill -KILL "$p" 2>/dev/null; done; }
wait_tcp() { # wait_tcp IP PORT [seconds]   (from the host through the bridge)
  local i; for i in $(seq $(( ${3:-20} * 10 ))); do (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null && return 0; sleep 0.1; done
  die "nothing answers on $1:$2"; }
pdns() { # pdns METHOD PATH [JSON]
  local m=$1 p=$2; shift 2
  curl -sS --noproxy '*' -X "$m" -H "X-API-Key: $PDNS_KEY" -H 'Content-Type: application/json' ${1:+-d "$1"} "$PDNS_API$p"; }
rr() { # rr ZONE NAME TYPE TTL CONTENT...   replace one rrset through the PowerDNS API
  local z=$1 n=$2 t=$3 ttl=$4; shift 4
  pdns PATCH "/zones/$z." "$(jq -nc --arg n "$n." --arg t "$t" --argjson ttl "$ttl" '{rrsets:[{name:$n,type:$t,ttl:$ttl,changetype:"REPLACE",records:[$ARGS.positional[]|{content:.,disabled:false}]}]}' --args -- "$@")"; }
mkzone() { # mkzone ZONE : create on PowerDNS (if absent) and delegate in the fake registry
  [ "$(pdns GET "/zones/$1." | jq -r ".name // empty" 2>/dev/null)" = "$1." ] ||
    pdns POST /zones "$(jq -nc --arg n "$1." '{name:$n,kind:"Native",nameservers:["ns1.pdns-host.net.","ns2.pdns-host.net."],soa_edit_api:"DEFAULT"}')" >/dev/null
  delegate "$1" ns1.pdns-host.net ns2.pdns-host.net; }
delegate() { # delegate ZONE NS... : what a registrar does at the TLD (RFC 2136 + TSIG to the registry server)
  local z=$1 tld=${1##*.} s; shift
  case $z in *.in-addr.arpa) tld=arpa;; esac
  { echo "server $IP_ROOT 53"; echo "zone $tld."; echo "update delete $z. NS"; for s in "$@"; do echo "update add $z. 30 NS $s."; done; echo send; } |
    nsupdate -k "$ETC/registrar.key" || die "nsupdate $z"; }
