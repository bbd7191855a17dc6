#!/bin/sh
# Print the first Python from 3.11 on that can make an environment, or say what to do when there is none.
# PYTHON=/path/to/python is tried first.
for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python python3.14; do
  found=$(command -v "$name" 2>/dev/null) || continue
  if "$found" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    echo "$found"
    exit 0
  fi
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
