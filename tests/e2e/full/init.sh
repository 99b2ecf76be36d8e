#!/bin/busybox sh
# Stands in front of a full Debian on a disk: loads the drivers and hands over to systemd.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do insmod "/modules/$module"; done </modules/order 2>/dev/null
mkdir -p /newroot
until mount -t ext4 /dev/sda /newroot 2>/dev/null; do sleep 0.1; done
mount --move /dev /newroot/dev
mount --move /sys /newroot/sys
mount --move /proc /newroot/proc
exec switch_root /newroot /sbin/init
