# Tells what is on the machine. $1: packages, $2: units, both separated by blanks. Standard input: paths, each ended by NUL.
set -f
export LC_ALL=C
state=/var/lib/penguinmails tls=/etc/penguinmails/tls
. /etc/os-release
echo "system $ID ${VERSION_ID:-none}"
echo "user $(id -u)"
echo "free $(df -Pk /var | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)"
[ -z "$(dpkg --audit 2>&1)" ] || echo "broken"
dpkg-query -W -f='package ${Package} ${db:Status-Status}\n' $1 2>/dev/null
systemctl show --property=Id,ActiveState,UnitFileState $2 2>/dev/null | sed 's/^/unit /'
sed 's/^/ours /' "$state/manifest" 2>/dev/null
sed 's/^/pending /' "$state/pending" 2>/dev/null
if [ -s "$tls/chain.pem" ] && [ -s "$tls/key.pem" ]; then
  sed 's/^/certificate /' "$tls/origin" 2>/dev/null
  # Two days: renewal on the machine has had its time by then.
  openssl x509 -in "$tls/chain.pem" -noout -checkend 172800 >/dev/null 2>&1 || echo "certificate-ends"
fi
find /var/vmail -mindepth 2 -maxdepth 2 -type d -printf 'mailbox %P\n' 2>/dev/null
paths=$(mktemp) || exit 1
trap 'rm -f "$paths"' EXIT
cat > "$paths"
tr '\n' '\0' < "$state/manifest" >> "$paths" 2>/dev/null
xargs -0 -r stat -c 'stat %a %U %G %n' -- < "$paths" 2>/dev/null
xargs -0 -r sha256sum -- < "$paths" 2>/dev/null | sed 's/^/sum /'
exit 0
