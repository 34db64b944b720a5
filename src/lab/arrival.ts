// What a hypervisor sends when a virtual machine has arrived: a RARP request in its name, so that switches learn the way.
import type { Host } from './host.ts';

/** Ethernet frames of their own make are nothing that Node or a shell can send; Perl is part of every Debian. */
const sendRarp = String.raw`
  my ($index, $mac) = @ARGV;
  my $own = pack 'H12', $mac =~ s/://gr;
  my $everybody = "\xff" x 6;
  my $frame = $everybody . $own . pack('n n n C C n', 0x8035, 1, 0x0800, 6, 4, 3) . ($own . "\0" x 4) x 2;
  socket my $socket, 17, 3, 0 or die "socket: $!";
  my $to = pack 'S n i S C C a8', 17, 0x8035, $index, 1, 0, 6, $everybody;
  send $socket, $frame . "\0" x (60 - length $frame), 0, $to or die "send: $!";
`;

/** Sends it from the host's port eth0. Source: RFC 903; QEMU, net/announce.c. @throws LAB_COMMAND_FAILED */
export async function announceArrival(host: Host): Promise<void> {
  const [, index = '', mac = ''] =
    /^(\d+):.*link\/ether (\S+)/.exec(await host.script('ip -o link show dev eth0')) ?? [];
  await host.script('perl -e "$1" "$2" "$3"', sendRarp, index, mac);
}
