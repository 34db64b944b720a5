// The Network Policy API on an API server: its definitions, as the project gives them out.
import { vi } from 'vitest';
import type { ApiServer } from './api-server.ts';
import { policyCrds } from './third-party-crds.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Of {@link policyCrds}, since this is no fault of what is tested. */
export const hasPolicyCrds = (policyCrds ?? []).length > 0;

/** Resolves when the server serves them. */
export async function installPlatformPolicies(server: ApiServer): Promise<void> {
  for (const crd of policyCrds ?? []) await server.create(definitions, crd);
  for (const { spec } of policyCrds ?? [])
    for (const { name } of spec.versions)
      await until(server, `/apis/${spec.group}/${name}/${spec.names.plural}`, 200);
}

/** Resolves when they are gone, and every policy with them. */
export async function removePlatformPolicies(server: ApiServer): Promise<void> {
  for (const { metadata } of policyCrds ?? []) {
    await server.request('DELETE', `${definitions}/${metadata.name}`);
    await until(server, `${definitions}/${metadata.name}`, 404);
  }
}

async function until(server: ApiServer, path: string, status: number): Promise<void> {
  const isSo = async (): Promise<boolean> => (await server.request('GET', path)).status === status;
  await vi.waitUntil(isSo, { timeout: 20_000 });
}
