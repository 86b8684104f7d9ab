# Shared by ./penguin, tests/run, tests/check and bench/run: messages, and what must be installed.
# A shared compiler makes the build two to three times as fast.
export UseSharedCompilation=true DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
unset MSBUILDDISABLENODEREUSE

say() { printf '%s\n' "$*" >&2; }
fail() { say "penguin: $*"; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then sudo "$@"
  else return 1
  fi
}

# Installs Debian packages that are missing; tells the exact command where it may not.
need_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local command="apt-get install -y --no-install-recommends ${missing[*]}"
  command -v apt-get >/dev/null || fail "These are missing: ${missing[*]}. Install them with this system's package manager."
  say "Installing ${missing[*]} …"
  # Services of these packages are started by the program and its tests, never by the installation.
  if ! as_root bash -c "
    set -e
    export DEBIAN_FRONTEND=noninteractive
    policy=/usr/sbin/policy-rc.d; made=
    if [ ! -e \$policy ]; then printf '#!/bin/sh\nexit 101\n' > \$policy; chmod 755 \$policy; made=1; fi
    trap '[ -z \"\$made\" ] || rm -f '\$policy EXIT
    apt-get -o DPkg::Lock::Timeout=300 update -qq
    apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends ${missing[*]} >/dev/null
  "; then
    fail "Cannot install as this user. Run: sudo $command"
  fi
}

need_postgres() {
  [ -n "${PENGUIN__DATABASE__CONNECTION:-}" ] && return 0
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need_packages postgresql-15
}

need_npm() { command -v npm >/dev/null && command -v node >/dev/null || need_packages nodejs npm; }

need_dotnet() {
  command -v dotnet >/dev/null || fail "The .NET 10 SDK is missing. See README.md for how to get it."
}
