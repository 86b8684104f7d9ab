# Moves files into place. Standard input: a tar of the numbered files, of "list" (number, mode, owner, group, path), of "ours" (paths) and "units" (to be told).
set -eu
export LC_ALL=C
umask 022
state=/var/lib/penguinmails
stage=$state/stage
rm -rf "$stage"
mkdir -p "$stage"
chmod 700 "$state" "$stage"
tar -x -f - -C "$stage"
touch "$state/manifest" "$state/pending"
# Both are written before the first file moves: a run that is broken off leaves nothing unknown and nobody untold.
sort -u "$state/pending" "$stage/units" > "$state/pending.new"
mv -f "$state/pending.new" "$state/pending"
while IFS=' ' read -r number mode owner group path; do
  # What others wrote is kept once, out of the way.
  if [ -e "$path" ] && ! grep -qxF -e "$path" "$state/manifest"; then
    mkdir -p "$state/before$(dirname "$path")"
    cp -np "$path" "$state/before$path"
  fi
done < "$stage/list"
sort -u "$state/manifest" "$stage/ours" > "$state/manifest.new"
mv -f "$state/manifest.new" "$state/manifest"
while IFS=' ' read -r number mode owner group path; do
  mkdir -p "$(dirname "$path")"
  install -m "$mode" -o "$owner" -g "$group" "$stage/$number" "$path.penguin-new"
  mv -f "$path.penguin-new" "$path"
  case $path in
    /etc/sysusers.d/*) systemd-sysusers "$path" ;;
    /etc/tmpfiles.d/*) systemd-tmpfiles --create "$path" ;;
    /etc/systemd/system/*) systemctl daemon-reload ;;
  esac
done < "$stage/list"
rm -rf "$stage"
