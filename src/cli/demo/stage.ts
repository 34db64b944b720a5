// The stage of the demonstration: an embedded OVN with two pretended gateway nodes, and a scratch copy of the example.
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError } from '../../base/errors.ts';
import { type EmbeddedOvn, startEmbeddedOvn } from '../../embedded/central.ts';

const example = fileURLToPath(new URL('../../../examples/architecture/', import.meta.url));
const gatewayNodes = ['gateway-1', 'gateway-2'];

export interface Stage {
  readonly ovn: EmbeddedOvn;
  /** Scratch copy of the manifests, in the folder of `ovn` and removed with it. */
  readonly manifests: string;
}

/** @throws EMBEDDED_… and DEMO_EXAMPLE_MISSING */
export async function setStage(): Promise<Stage> {
  if (!existsSync(example))
    throw new CodedError('DEMO_EXAMPLE_MISSING', `the example ${example} is not there`, { retryable: false });
  const ovn = await startEmbeddedOvn();
  try {
    const manifests = join(ovn.directory, 'networks');
    await cp(example, manifests, { recursive: true });
    for (const [index, name] of gatewayNodes.entries()) await addGatewayNode(ovn, name, index + 1);
    return { ovn, manifests };
  } catch (error) {
    await ovn.stop();
    throw error;
  }
}

/** What ovn-controller on a real gateway node writes into SB. */
async function addGatewayNode(ovn: EmbeddedOvn, name: string, number: number): Promise<void> {
  const mappings = 'ext-cloud:br-ext-cloud,ext-public:br-ext-public';
  await ovn.sbctl('chassis-add', name, 'geneve', `192.0.2.${number}`);
  await ovn.sbctl(
    'set',
    'Chassis',
    name,
    'other_config:ovn-cms-options=enable-chassis-as-gw',
    `other_config:ovn-bridge-mappings="${mappings}"`,
  );
}
