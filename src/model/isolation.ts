// Isolation of projects: which addresses of the external networks one may not begin a connection to, or be called from.
import { egressAllowlist, ingressAllowlist, isIngressIsolated, parseAllowlist } from '../api/allowlist.ts';
import { formatObjectKey } from '../api/api-object.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { Project } from '../api/project.ts';
import type { Address, Family, Prefix, Range } from '../net/address.ts';
import { families } from '../net/family-list.ts';
import { prefixRange, rangePrefixes } from '../net/prefix.ts';
import { mergeRanges, parseRange, subtractRanges } from '../net/range.ts';
import { decidedAddress } from './address-answers.ts';
import { isUsable, networkGateways, networkPrefixes, poolName, singleAddress } from './network.ts';
import type { EgressIsolation, IsolationModel } from './network-model.ts';
import type { UnitRun } from './unit-run.ts';
import { subnetFamilies } from './vpc-root.ts';
import type { IsolationSeed, Tenant } from './vpc-root.ts';

/** What a project and the configuration say of it. */
export function isolationSeed(project: Project, { context }: UnitRun): IsolationSeed {
  const { isolation, dns } = context.config;
  const { egress, ingress } = isolation;
  const reachable = [...parseAllowlist(egress.allowlist), ...egressAllowlist(project)];
  const callers = [...parseAllowlist(ingress.allowlist), ...ingressAllowlist(project)];
  return {
    // The resolvers that its workloads are told are no use to it behind a wall.
    egress: egress.enabled ? [...reachable, ...parseAllowlist(dns.servers)] : undefined,
    ingress: ingress.enabled || isIngressIsolated(project) ? callers : undefined,
  };
}

/** Of one project. `vpc`: the name of the network that it is in. Undefined: nobody knows, or nothing is forbidden. */
export function isolation(
  { namespace, source, subnet, isolation: seed }: Tenant,
  vpc: string,
  run: UnitRun,
): IsolationModel | undefined {
  if (seed === undefined) return undefined;
  const { egress, ingress } = seed;
  const wanted = subnetFamilies([subnet]);
  const networks = run.context.inventory.networks().filter((network) => isUsable(network, run.context));
  const own = ownAddresses(namespace, run);
  return {
    name: namespace,
    source,
    subnet: subnet.name,
    own: namespace === vpc ? 'ledger' : ofFamilies(wanted, own.flatMap(rangePrefixes)),
    egress: egress && egressIsolation(egress, networks, wanted),
    forbiddenSources: ingress === undefined ? [] : forbiddenSources(ingress, own, networks, wanted, run),
  };
}

/** EIPs of a project. */
function ownAddresses(namespace: string, { ledger }: UnitRun): Range[] {
  return ledger
    .filter(({ kind, holder }) => kind === 'eip' && holder.startsWith(formatObjectKey('EIp', namespace, '')))
    .flatMap(({ value }) => value.split(',').flatMap((text) => parseRange(text) ?? []));
}

/**
 * Nothing that an external network may give to a project, but for the VPC's own EIPs and what is allowed. What a network
 * keeps for others (`excludeIps`, its gateway) is as free as the internet.
 */
function egressIsolation(
  allowed: readonly Range[],
  networks: readonly ExternalNetwork[],
  wanted: readonly Family[],
): EgressIsolation {
  return {
    networks: networks
      .map((network) => ({
        name: network.metadata.name,
        families: networkPrefixes(network)
          .map(({ family }) => family)
          .filter((family) => wanted.includes(family)),
      }))
      .filter((network) => network.families.length > 0),
    allowed: ofFamilies(wanted, mergeRanges(allowed).flatMap(rangePrefixes)),
  };
}

/**
 * Every address of an external network but its gateway, the VPC's own EIPs, those of the management VPC and those
 * allowed. All in one list: a rule that allows would be the last word on what it lets in, and the policies of the tenant
 * would not be asked.
 */
function forbiddenSources(
  allowed: readonly Range[],
  own: readonly Range[],
  networks: readonly ExternalNetwork[],
  wanted: readonly Family[],
  run: UnitRun,
): readonly Prefix[] {
  const known = networks.flatMap((network) => [
    ...networkGateways(network),
    ...managementAddresses(network, run),
  ]);
  const all = networks.flatMap((network) => networkPrefixes(network).map(prefixRange));
  return ofFamilies(
    wanted,
    subtractRanges(all, [...own, ...known.map(singleAddress), ...allowed]).flatMap(rangePrefixes),
  );
}

/** Addresses that the management VPC has on a network, as far as they are decided. */
function managementAddresses({ metadata }: ExternalNetwork, { context }: UnitRun): Address[] {
  const { addresses, config } = context;
  const holder = `${formatObjectKey('Vpc', '', config.managementVpc)}/${metadata.name}`;
  return families.flatMap((family) => {
    const pool = poolName(formatObjectKey('ExternalNetwork', '', metadata.name), family);
    return decidedAddress(addresses.decision(pool, holder)) ?? [];
  });
}

const ofFamilies = (wanted: readonly Family[], prefixes: readonly Prefix[]): readonly Prefix[] =>
  prefixes.filter(({ family }) => wanted.includes(family));
