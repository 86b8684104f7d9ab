# Checks the configuration, tells the units, and closes the run. $1: units to enable, $2: to load again, $3: to start again, each separated by blanks, $4: ports that must answer.
# Standard input: the paths that are ours now.
set -euf
export LC_ALL=C
state=/var/lib/penguinmails
umask 077
mkdir -p "$state"
cat > "$state/manifest.new"
refused() { echo "configuration: $*" >&2; exit 81; }
said=$(postfix check 2>&1) || refused "$said"
said=$(doveconf 2>&1 >/dev/null) || refused "$said"
said=$(rspamadm configtest -q 2>&1) || refused "$said"
said=$(nft -c -f /etc/penguinmails/firewall.nft 2>&1) || refused "$said"
[ -z "$1" ] || systemctl --quiet enable $1
for unit in $2; do systemctl reload-or-restart "$unit" || { echo "service: $unit" >&2; exit 82; }; done
for unit in $3; do systemctl restart "$unit" || { echo "service: $unit" >&2; exit 82; }; done
for port in $4; do
  tries=0
  until ss -Hltn "sport = :$port" | grep -q .; do
    tries=$((tries + 1))
    [ "$tries" -lt 150 ] || { echo "service: nothing listens on port $port" >&2; exit 82; }
    sleep 0.2
  done
done
mv -f "$state/manifest.new" "$state/manifest"
rm -f "$state/pending"
