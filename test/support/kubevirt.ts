// What KubeVirt would bring to an API server: its definitions, without its controllers and without a schema.
import { vi } from 'vitest';
import type { ApiServer } from './api-server.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const names = [
  { kind: 'VirtualMachine', plural: 'virtualmachines' },
  { kind: 'VirtualMachineInstance', plural: 'virtualmachineinstances' },
];

/** Collections of a namespace. */
export const machinesIn = (namespace: string): string =>
  `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines`;
export const instancesIn = (namespace: string): string =>
  `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances`;

/** Resolves when the server serves them. */
export async function installKubeVirt(server: ApiServer): Promise<void> {
  for (const { kind, plural } of names) await server.create(definitions, definitionOf(kind, plural));
  for (const { plural } of names) await until(server, `/apis/kubevirt.io/v1/${plural}`, 200);
}

/** Resolves when they are gone, and every virtual machine with them. */
export async function removeKubeVirt(server: ApiServer): Promise<void> {
  for (const { plural } of names) {
    const path = `${definitions}/${plural}.kubevirt.io`;
    await server.request('DELETE', path);
    await until(server, path, 404);
  }
}

async function until(server: ApiServer, path: string, status: number): Promise<void> {
  const isSo = async (): Promise<boolean> => (await server.request('GET', path)).status === status;
  await vi.waitUntil(isSo, { timeout: 60_000 });
}

function definitionOf(kind: string, plural: string): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.kubevirt.io` },
    spec: {
      group: 'kubevirt.io',
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          subresources: { status: {} },
        },
      ],
    },
  };
}
