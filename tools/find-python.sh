#!/bin/sh
# Print the first Python from 3.11 on that can make an environment, or say what to do when there is none.
# PYTHON=/path/to/python is tried first.
# Of one version, on Linux, the system's comes before a version manager's, which is mostly built without optimisation:
# tests take a tenth more of the processor with that.
case "$(uname 2>/dev/null)::$PATH:" in
  Linux:*:/usr/bin:*) system=/usr/bin/ ;;
  *) system= ;;
esac
for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python python3.14; do
  for place in "$system$name" "$name"; do
    [ "$name" != "${PYTHON:-}" ] || place=$name
    found=$(command -v "$place" 2>/dev/null) || continue
    if "$found" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      echo "$found"
      exit 0
    fi
  done
done
cat >&2 <<'EOF'
vigie: no usable Python found (3.11 or later, with its venv and ensurepip modules).
  Debian, Ubuntu:  apt-get install python3 python3-venv
  Fedora:          dnf install python3.13
  macOS:           brew install python@3.13
  Windows:         winget install Python.Python.3.13
  elsewhere:       https://www.python.org/downloads/
Then run the same command again, or name an interpreter: make PYTHON=/path/to/python3.13 ...
EOF
exit 1
