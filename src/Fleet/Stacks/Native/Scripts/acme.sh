# Asks an ACME authority. $1: host name, $2: origin line, $3: directory, $4: contact.
set -eu
tls=/etc/penguinmails/tls
# Another authority is another certificate: certbot would keep the old one until it ends.
if [ -e /etc/letsencrypt/live/penguinmails ] && ! grep -qxF -e "$2" "$tls/asked" 2>/dev/null; then certbot delete --non-interactive --quiet --cert-name penguinmails; fi
install -d -m 755 "$tls"
printf '%s\n' "$2" > "$tls/asked"
certbot certonly --non-interactive --quiet --agree-tos --no-eff-email --standalone --key-type ecdsa --keep-until-expiring --cert-name penguinmails --email "$4" --server "$3" --domain "$1"
RENEWED_LINEAGE=/etc/letsencrypt/live/penguinmails /etc/letsencrypt/renewal-hooks/deploy/penguinmails
printf '%s\n' "$2" > "$tls/origin"
