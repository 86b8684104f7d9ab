# Makes a certificate that proves nothing. $1: host name, $2: origin line.
set -eu
umask 077
tls=/etc/penguinmails/tls
install -d -m 755 "$tls"
rm -f "$tls/origin"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -subj "/CN=$1" -addext "subjectAltName=DNS:$1" -keyout "$tls/key.pem.new" -out "$tls/chain.pem.new" 2>/dev/null
chmod 644 "$tls/chain.pem.new"
mv -f "$tls/key.pem.new" "$tls/key.pem"
mv -f "$tls/chain.pem.new" "$tls/chain.pem"
printf '%s\n' "$2" > "$tls/origin"
