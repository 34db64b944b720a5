// Writes docs/reference.md from the code; `--check` exits 1 when what is there is stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { annotation, label, machineAnnotation } from '../src/api/annotations.ts';
import { customResourceDefinitions } from '../src/api/crds.ts';
import { problemCodes } from '../src/base/problem.ts';
import { createProgram } from '../src/cli/program.ts';
import { configSchema } from '../src/config/config.ts';
import { capabilitiesOf } from '../src/northbound/capabilities.ts';
import { type FeatureState, featuresOf } from '../src/northbound/features.ts';
import { parseDatabaseSchema } from '../src/ovsdb/index.ts';
import { describeMetrics } from '../src/server/metric-names.ts';
import { type FieldSchema, cell, fieldHead, fieldRows } from './docs/json-schema-table.ts';

const outputPath = new URL('../docs/reference.md', import.meta.url);

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly shortNames?: readonly string[] };
    readonly versions: readonly [
      {
        readonly name: string;
        readonly schema: { readonly openAPIV3Schema: FieldSchema };
      },
    ];
  };
}

/** What each annotation that has an effect today means. */
const annotationMeanings: readonly (readonly [key: string, on: string, meaning: string])[] = [
  [
    annotation.bindOnDefaultGatewayEIp,
    'Service',
    '`"true"`: use the project’s own address, EIp `default-gw`',
  ],
  [
    annotation.bindOnEIp,
    'Service',
    'use the EIp of this name. Without either annotation the Service gets an address of its own',
  ],
  [
    annotation.ipFamilies,
    'Service',
    '`IPv4`, `IPv6` or `IPv4,IPv6`: families that it is to have outside. Absent: [what its EIp has](concepts.md#two-families)',
  ],
  [
    annotation.externalNetworkType,
    'Service',
    'type of the external network that an address of its own comes from; refused when it changes while the address is held',
  ],
  [
    annotation.exposeRoute,
    'Service',
    'with `gateway` in the configuration: publishes the Service on the shared Gateway, as `http`, `https` or `tls-passthrough`',
  ],
  [
    annotation.routeHostname,
    'Service',
    'hostname of the route; absent: `{service}-{namespace}.{baseDomain}`',
  ],
  [annotation.routePort, 'Service', 'number of the port that the route leads to; absent: the first'],
  [
    annotation.tlsIssuer,
    'Service',
    'who issues the certificate: name of an Issuer of the namespace, or `ClusterIssuer/name`; absent: the configured one',
  ],
  [annotation.tlsSecret, 'Service', 'Secret with a certificate that is there already: none is issued'],
  [
    annotation.createGatewayBackend,
    'Service',
    '`"true"`: a Backend of Envoy Gateway, `{service}-backend`, with the external address of the Service',
  ],
  [annotation.routeHostnameStatus, 'Service', 'written: the hostname, once the route is served'],
  [annotation.routeStatus, 'Service', 'written: `Ready`, or what keeps the route from it and what to do'],
  [
    annotation.ipAddress,
    'Pod',
    'the address that the Pod is to have; absent: the next free one of its subnet',
  ],
  [
    annotation.port,
    'Pod',
    'of a launcher of a virtual machine: the port that the machine has already, named after its first launcher',
  ],
  [
    annotation.macAddress,
    'Pod',
    'the MAC that the Pod is to have; absent: the one that belongs to its address',
  ],
  [
    annotation.egressAllowlist,
    'Project',
    'addresses and ranges of others on external networks that the project may reach (see concepts, *Isolation*)',
  ],
  [
    annotation.ingressIsolation,
    'Project',
    '`"true"`: from the external networks only those on an allowlist come in. Where the configuration closes all projects, `"false"` opens none',
  ],
  [annotation.ingressAllowlist, 'Project', 'addresses and ranges that come in all the same'],
];

const labelMeanings: readonly (readonly [key: string, on: string, meaning: string])[] = [
  [label.externalNetworkType, 'EIp', 'type of the external network, as `spec.externalNetworkType`'],
  [
    label.virtualMachine,
    'Pod',
    'it is the launcher of a virtual machine; its hostname, and its name where the next one is absent',
  ],
  [
    machineAnnotation,
    'Pod',
    'of a launcher: the name of the virtual machine, as `vmTarget` of a FIp names it',
  ],
];

const coreKinds = `| kind | what is read of it |
|---|---|
| \`Namespace\` | its name, and its labels, by which policies select it |
| \`Pod\` | annotations, labels, phase, readiness, named ports, \`hostname\` and \`subdomain\`. In the backing namespace of a project it gets a port and an address |
| \`Service\` | in the backing namespace of a project, those of type \`LoadBalancer\` (of the class \`kube-dc.com/ovn-projector\`, or of none) those with a route, and those with a \`clusterIP\`: ports, selector, \`loadBalancerSourceRanges\`, \`sessionAffinity\` |
| \`EndpointSlice\` | backends of a Service. Without any, the selector is resolved against the Pods |
| \`NetworkPolicy\` | all of it, for Pods with a port: see [network policies](network-policies.md) |
| \`ClusterNetworkPolicy\` | \`policy.networking.k8s.io/v1alpha2\`, where it is served: all of it, see [policies of the platform](platform-policies.md) |
| \`AdminNetworkPolicy\`, \`BaselineAdminNetworkPolicy\` | \`policy.networking.k8s.io/v1alpha1\`, where they are served: the same |
| \`Node\` | its labels and addresses: they are given to nobody else, and tell which chassis it is |
| \`VirtualMachineInstance\` | \`kubevirt.io/v1\`, where it is served: networks, interfaces with their addresses, and where it moves to |
| \`VirtualMachine\` | \`kubevirt.io/v1\`, where it is served: its name; everything else is left alone |

Other kinds are named as \`UnknownKind\` and left alone.`;

/** Each command's own help, which is what there is to know about it. */
function commandSections(): string[] {
  let text = '';
  const terminal = {
    out: (part: string) => {
      text += part;
    },
    err: () => {},
    readInput: () => Promise.resolve(''),
    environment: {},
    outIsTerminal: false,
    errIsTerminal: false,
  };
  const signal = new AbortController().signal;
  const program = createProgram({ terminal, signal, exit: () => {}, run: () => Promise.resolve(0) });
  return [program, ...program.commands].map((command) => {
    text = '';
    command.outputHelp();
    const name = command === program ? 'ovn-projector' : `ovn-projector ${command.name()}`;
    return `### ${name}\n\n\`\`\`\n${text.trim()}\n\`\`\``;
  });
}

function kindSection(definition: Definition): string {
  const { group, scope, names, versions } = definition.spec;
  const [version] = versions;
  const schema = version.schema.openAPIV3Schema;
  const spec = schema.properties?.['spec'] ?? {};
  const place = scope === 'Cluster' ? 'cluster-scoped' : 'in a namespace';
  return `### ${names.kind}\n\n\`${group}/${version.name}\`, ${place}. ${schema.description ?? ''}\n\n${fieldHead}\n${fieldRows(spec, 'spec').join('\n')}`;
}

/** Both ends of what is supported, with the schema of each. */
const releases = [
  ['23.03', 'ovn-nb-7.0.0.ovsschema'],
  ['25.03', 'ovn-nb-7.11.0.ovsschema'],
] as const;

function featureTable(): string {
  const states = releases.map(([release, file]) => {
    const schema: unknown = JSON.parse(
      readFileSync(new URL(`../ovsdb-schema/${file}`, import.meta.url), 'utf8'),
    );
    const global = { _uuid: '', options: { northd_internal_version: `${release}.0-0` } };
    const capabilities = capabilitiesOf(parseDatabaseSchema(schema), global);
    return featuresOf({ capabilities, insertsWithUuid: true });
  });
  const here = (state: FeatureState | undefined): string => (state?.isHere === true ? 'yes' : 'no');
  const rows = (states[0] ?? []).map(({ name, needs, otherwise }, index) =>
    [name, needs, states.map((ofRelease) => here(ofRelease[index])), otherwise].flat().map(cell),
  );
  const heads = releases.map(([release]) => `OVN ${release}`);
  return table(['feature', 'needs', ...heads, 'where it is missing'], rows);
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

function reference(): string {
  const definitions = customResourceDefinitions() as readonly Definition[];
  const marks = [...annotationMeanings, ...labelMeanings].map(([key, on, meaning]) => [
    `\`${key}\``,
    on,
    cell(meaning),
  ]);
  const codes = Object.entries(problemCodes).map(([code, meaning]) => [`\`${code}\``, cell(meaning)]);
  return `<!-- Generated by scripts/generate-docs.ts: do not edit. -->
# Reference

[Commands](#commands) · [Exit codes](#exit-codes) · [Kinds](#kinds) · [Annotations and labels](#annotations-and-labels) ·
[Problem codes](#problem-codes) · [Configuration](#configuration) · [Metrics](#metrics) · [OVN versions](#ovn-versions)

## Commands

${commandSections().join('\n\n')}

## Exit codes

${table(
  ['command', '0', '1', '2', '3'],
  [
    ['`plan`', 'nothing would change', 'it could not be told', 'something would change', ''],
    ['`apply`', 'done', 'it could not be done', '', 'done, but some objects were rejected'],
    ['`run`', 'ended by SIGTERM or SIGINT', 'it cannot go on', '', ''],
    ['`trace`', 'delivered', 'it could not be told', 'dropped, refused, or gone astray', ''],
    ['others', 'done', 'it could not be done', '', ''],
  ],
)}

## Kinds

An unknown field or a wrong value rejects the object, and nothing else. The schemas with all rules, and the fields of
\`status\`, as Kubernetes has them: \`ovn-projector crd\`.

${definitions.map(kindSection).join('\n\n')}

### Kinds of Kubernetes itself

${coreKinds}

## Annotations and labels

${table(['key', 'on', 'meaning'], marks)}

## Problem codes

What to do about each: [troubleshooting](troubleshooting.md).

${table(['code', 'meaning'], codes)}

## Configuration

The file of \`--config\`, in YAML. Every field has a default; an unknown field is an error.

${fieldHead}
${fieldRows(configSchema).join('\n')}

## Metrics

\`run --listen ADDRESS\` serves \`/metrics\` for Prometheus, with these beside the usual ones of the process and of Node.js
(\`process_…\`, \`nodejs_…\`); and \`/readyz\` and \`/healthz\` for probes: 200, or 503 with what is in the way.

${table(
  ['metric', 'meaning'],
  describeMetrics().map(([name, meaning]) => [`\`${name}\``, cell(meaning)]),
)}

## OVN versions

What a server can do is read from its schema and from what ovn-northd says of itself; nothing has to be configured.
\`ovn-projector show --capabilities\` says it of the server at hand.

${featureTable()}
`;
}

const text = reference();
if (process.argv.includes('--check')) {
  if (!existsSync(outputPath) || readFileSync(outputPath, 'utf8') !== text) {
    console.error('docs/reference.md is stale: run node scripts/generate-docs.ts');
    process.exitCode = 1;
  }
} else writeFileSync(outputPath, text);
