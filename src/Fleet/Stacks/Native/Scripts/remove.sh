# Removes files that are no longer wanted. Arguments: units that must be told. Standard input: paths, each ended by NUL.
set -eu
state=/var/lib/penguinmails
mkdir -p "$state"
touch "$state/pending"
{ cat "$state/pending"; [ $# -eq 0 ] || printf '%s\n' "$@"; } | sort -u > "$state/pending.new"
mv -f "$state/pending.new" "$state/pending"
exec xargs -0 -r rm -f --
