// What rejected Services and FIps go on answering on: their rows stay, so nobody else may have that.
import { parseAddress, sameAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import type { AddressUse } from './address-answers.ts';
import { portKey } from './service-balancers.ts';
import type { TakenPorts } from './service-balancers.ts';
import { vpcUnit } from './unit.ts';
import type { UnitRun } from './unit-run.ts';

/** Of the Services and FIps of these namespaces that are rejected, by the rows of their VPC. */
export function heldUses(vpc: string, namespaces: readonly string[], run: UnitRun): readonly AddressUse[] {
  const { inventory, observations } = run.context;
  const rejected = namespaces.flatMap((namespace) => [
    ...inventory.invalidIn('Service', namespace),
    ...inventory.invalidIn('FIp', namespace),
  ]);
  if (rejected.length === 0) return [];
  const sources = new Set(rejected);
  return observations.uses(vpcUnit(vpc)).filter(({ source }) => sources.has(source));
}

/** Object keys of those who answer on one of the addresses, each once. */
export function usersOf(addresses: readonly Address[], uses: readonly AddressUse[]): string[] {
  const users = uses.filter((use) => {
    const used = parseAddress(use.address);
    return used !== undefined && addresses.some((address) => sameAddress(address, used));
  });
  return [...new Set(users.map(({ source }) => source))];
}

/** Ports that nobody else may have, by who has them. Fresh at each call. */
export function heldPorts(uses: readonly AddressUse[]): TakenPorts {
  return new Map(
    uses.flatMap(({ source, address: text, protocol, port }) => {
      const address = parseAddress(text);
      if (address === undefined || protocol === undefined || port === undefined) return [];
      return [[portKey(address, protocol, port), source] as const];
    }),
  );
}
