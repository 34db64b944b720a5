// Whether the API server still serves Endpoints without complaint.
import type { KubeClient } from './kube-client.ts';
import { isObject, textOf } from './raw-object.ts';

/** Source: Kubernetes 1.33 release notes: the Endpoints API is deprecated. */
const deprecatedSince = 33;

/** Asks once, when it is first wanted, and again after a failure. The answer function throws a KubeError. */
export function servesEndpoints(
  client: Pick<KubeClient, 'request'>,
  signal: AbortSignal,
): () => Promise<boolean> {
  let answer: Promise<boolean> | undefined;
  const ask = async (): Promise<boolean> => {
    const version = await client.request({ path: '/version' }, signal);
    // `34`, `27+`
    const minor = Number.parseInt(textOf(isObject(version) ? version['minor'] : undefined), 10);
    return minor < deprecatedSince;
  };
  return async () => {
    answer ??= ask();
    try {
      return await answer;
    } catch (error) {
      answer = undefined;
      throw error;
    }
  };
}
