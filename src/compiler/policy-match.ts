// What a rule of a policy matches: its ports, one field of addresses, one field of port numbers.
import type { AllowModel, PolicyDirection, PortsModel } from '../model/policy-model.ts';
import type { Family, Prefix } from '../net/address.ts';
import { addressSet, and, compare, or, portGroup, predicate, prefixMatch } from '../northbound/match.ts';
import type { Match } from '../northbound/match.ts';

/** Every IP packet of the ports of a group. Neighbours are found all the same: ARP is no IP, and ND is never judged. */
export function isolationMatch(direction: PolicyDirection, group: string): Match {
  return and([ofGroup(direction, group), predicate('ip')]);
}

/** An allow of one family, or of both where it names no peer. `set`: name of the set of its peers in that family. */
export function allowMatch(
  { direction, peer, ports }: Pick<AllowModel, 'direction' | 'peer' | 'ports'>,
  group: string,
  family: Family | undefined,
  set: string,
): Match {
  const side = direction === 'ingress' ? 'src' : 'dst';
  const addresses = (): readonly Match[] => {
    if (peer.kind === 'anybody') return ports === undefined ? [predicate('ip')] : [];
    if (peer.kind === 'set') return [compare(`ip${family ?? 4}.${side}`, '==', addressSet(set))];
    return [
      peer.prefixes.some(isEverything) ? predicate(`ip${peer.family}`) : prefixMatch(side, peer.prefixes),
    ];
  };
  return and([
    ofGroup(direction, group),
    ...addresses(),
    ...(ports === undefined ? [] : [portsMatch(ports)]),
  ]);
}

const ofGroup = (direction: PolicyDirection, group: string): Match =>
  compare(direction === 'ingress' ? 'outport' : 'inport', '==', portGroup(group));

const isEverything = ({ length }: Prefix): boolean => length === 0;

/** Destination ports of one protocol, or all of it. */
export function portsMatch({ protocol, ranges }: PortsModel): Match {
  const field = `${protocol}.dst`;
  const singles = ranges.filter(({ first, last }) => first === last).map(({ first }) => first);
  const wide = ranges.filter(({ first, last }) => first !== last);
  if (ranges.length === 0) return predicate(protocol);
  return or([
    ...(singles.length === 0 ? [] : [compare(field, '==', ...singles)]),
    ...wide.map(({ first, last }) =>
      and([
        ...(first === 0 ? [] : [compare(field, '>=', first)]),
        ...(last === 65_535 ? [] : [compare(field, '<=', last)]),
      ]),
    ),
  ]);
}
