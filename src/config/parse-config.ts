// From plain data to a configuration, or to the problems that it has.
import { Compile } from 'typebox/compile';
import { checkAllowlist } from '../api/allowlist.ts';
import { checkAddress, checkSubnetPrefix } from '../api/field.ts';
import { fieldPath, finding, problemsOf, type Finding } from '../api/finding.ts';
import { checkLabel, isDnsSubdomain } from '../api/name-field.ts';
import { schemaFindings } from '../api/schema-findings.ts';
import { isRecord, shape } from '../api/shape.ts';
import { unknownField } from '../api/unknown-field.ts';
import type { Problem } from '../base/problem.ts';
import type { Family } from '../net/address.ts';
import { parsePrefix } from '../net/prefix.ts';
import { configSchema, type Config } from './config.ts';
import { checkGateway } from './gateway.ts';
import { isOwner, ownerNotation } from './owner.ts';

export type ParsedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const validator = Compile(configSchema);

/** Of ranges that somebody else has: down to a single address. */
const lengths = { 4: { shortest: 8, longest: 32 }, 6: { shortest: 8, longest: 128 } };

/**
 * Fills in defaults and validates. `object` stands in the problems for what is configured, for example the file's
 * name. Nothing at all (undefined, null) is the default configuration. Never throws.
 */
export function parseConfig(raw: unknown, object: string): ParsedConfig {
  const unknown: Finding[] = [];
  const reject = (findings: readonly Finding[]): ParsedConfig => ({
    ok: false,
    problems: problemsOf(object, findings),
  });
  const given = raw ?? {};
  if (!isRecord(given))
    return reject([finding('Invalid', '', 'it is no object with fields', 'write one field per line')]);
  const value = shape(configSchema, given, '', {
    onUnknown: (path, field, known) => unknown.push(unknownField(path, field, known)),
    emptyIsAbsent: true,
  });
  if (!validator.Check(value)) {
    return reject([...unknown, ...schemaFindings(configSchema, value, validator.Errors(value), '')]);
  }
  const findings = [...unknown, ...checkConfig(value)];
  return findings.length > 0 ? reject(findings) : { ok: true, config: value };
}

/** The configuration when nobody sets anything. */
export function defaultConfig(): Config {
  const parsed = parseConfig({}, 'configuration');
  if (!parsed.ok) throw new Error('the default configuration is not valid');
  return parsed.config;
}

function checkConfig({ owner, projectRange, reservedRanges, ...config }: Config): Finding[] {
  const found: Finding[] = [];
  if (!isOwner(owner))
    found.push(
      finding('Invalid', 'owner', `${JSON.stringify(owner)} cannot mark rows`, `use ${ownerNotation}`),
    );
  found.push(...checkBlocks('projectRange', projectRange, 4));
  if (projectRange.ipv6 !== undefined) found.push(...checkBlocks('projectRange.ipv6', projectRange.ipv6, 6));
  for (const [index, text] of projectRange.exclude.entries()) {
    found.push(...checkSubnetPrefix(fieldPath('projectRange.exclude', index), text, lengths));
  }
  for (const [index, { cidr }] of reservedRanges.entries()) {
    found.push(...checkSubnetPrefix(`${fieldPath('reservedRanges', index)}.cidr`, cidr, lengths));
  }
  for (const field of [
    'defaultEIpNetworkType',
    'defaultFIpNetworkType',
    'defaultServiceNetworkType',
  ] as const) {
    const type = config[field];
    if (type !== undefined) found.push(...checkLabel(field, type, 'a type of network'));
  }
  found.push(...checkLabel('managementVpc', config.managementVpc, 'the name of a Vpc'));
  for (const way of ['egress', 'ingress'] as const)
    found.push(...checkAllowlist(`isolation.${way}.allowlist`, config.isolation[way].allowlist));
  found.push(...checkDns(config.dns));
  if (config.gateway !== undefined) found.push(...checkGateway(config.gateway));
  return found;
}

function checkDns({ domain, servers }: Config['dns']): Finding[] {
  const hint =
    'use labels of lower-case letters, digits and "-" with dots between, for example cluster.local';
  return [
    ...(isDnsSubdomain(domain)
      ? []
      : [finding('Invalid', 'dns.domain', `${JSON.stringify(domain)} is not a domain`, hint)]),
    ...servers.flatMap((text, index) => checkAddress(fieldPath('dns.servers', index), text)),
  ];
}

function checkBlocks(
  path: string,
  { cidr, prefixLength }: { readonly cidr: string; readonly prefixLength: number },
  family: Family,
): Finding[] {
  const found = checkSubnetPrefix(`${path}.cidr`, cidr, lengths);
  const prefix = parsePrefix(cidr);
  if (found.length > 0 || prefix === undefined) return found;
  if (prefix.family !== family) {
    const hint = 'projectRange.cidr is of IPv4, projectRange.ipv6.cidr of IPv6';
    return [finding('Invalid', `${path}.cidr`, `${cidr} is no range of IPv${family}`, hint)];
  }
  if (prefixLength >= prefix.length) return [];
  const message = `a block of /${prefixLength} does not fit into ${cidr}`;
  const hint = `use at least ${prefix.length}, or a larger range`;
  return [finding('OutOfRange', `${path}.prefixLength`, message, hint)];
}
