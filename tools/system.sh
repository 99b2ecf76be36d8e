#!/bin/sh
# Install the programs that the tests talk to, when this is Debian (or a derivative) and we are root.
# Elsewhere it says what is missing and goes on: the tests that need it then say why they were skipped.
set -eu

wanted="qemu-guest-agent qemu-system-x86 qemu-utils mmdebstrap e2fsprogs xfsprogs dosfstools cpio busybox-static
chromium libvirt-daemon-system libvirt-clients python3-libvirt lintian socat kmod zstd
openssl zsh fish prometheus prometheus-alertmanager prometheus-node-exporter victoria-metrics wine wine64
gcc-mingw-w64-x86-64-win32 mingw-w64-x86-64-dev"
# axe-core, which the dashboard's tests use, comes from npm.
command -v npm >/dev/null || wanted="$wanted npm"

# The light guest is made of packages that are only fetched: apt must know them.
if [ "$(id -u)" = 0 ] && command -v apt-cache >/dev/null && ! apt-cache show linux-image-cloud-amd64 >/dev/null 2>&1; then
    apt-get update -qq
fi

missing=""
for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "not installed, and not ours to install here:$missing" >&2
    exit 0
fi
echo "installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing >/dev/null
