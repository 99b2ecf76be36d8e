#!/bin/busybox sh
# The light guest's first process: devices, modules, names of the virtio ports, and the test's own hand.
/bin/busybox --install -s /bin
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/virtio-ports /etc /root
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
for module in $(cat /modules/order); do insmod /modules/$module 2>/dev/null; done
ln -sf /bin/busybox /sbin/hwclock
# a guest that was suspended to disk goes on from here and never comes to the next line
for word in $(cat /proc/cmdline); do
    case $word in resume=*)
        until [ -b "${word#resume=}" ]; do usleep 20000; done
        cat "/sys/class/block/${word#resume=/dev/}/dev" > /sys/power/resume 2>/dev/null;;
    esac
done
# this init is no daemon that could be asked to shut down: the programs do it themselves
for name in poweroff halt reboot; do printf '#!/bin/sh\nexec /bin/busybox %s -f\n' $name > /sbin/$name; chmod +x /sbin/$name; done
echo "root:x:0:0:root:/root:/bin/sh" > /etc/passwd
echo "root::19000:0:99999:7:::" > /etc/shadow
echo "tester:x:1000:1000::/home/tester:/bin/sh" >> /etc/passwd
echo "tester:!:19000:0:99999:7:::" >> /etc/shadow
echo "root:x:0:" > /etc/group
echo "tester:x:1000:" >> /etc/group
mkdir -p /home/tester && chown 1000:1000 /home/tester
echo 'PRETTY_NAME="Light guest"' > /etc/os-release
hostname light
ip link set lo up 2>/dev/null
# what udev does elsewhere
while :; do
    for port in /sys/class/virtio-ports/*; do
        [ -e "$port/name" ] || continue
        name=$(cat "$port/name")
        [ -n "$name" ] && [ ! -e "/dev/virtio-ports/$name" ] && ln -sf "/dev/${port##*/}" "/dev/virtio-ports/$name"
    done
    for link in /dev/virtio-ports/*; do [ -e "$link" ] || rm -f "$link"; done
    usleep 100000
done &
echo "light guest is up" > /dev/console
while :; do python3 -I -S /hand.py > /dev/console 2>&1; sleep 1; done
