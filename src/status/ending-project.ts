// What a Project says while it waits for its end: somebody deleted it, and wants to know what it waits for.
import { kinds } from '../api/kind.ts';
import type { Project } from '../api/project.ts';
import { currentConditions, mergeConditions } from './condition.ts';
import type { Verdict } from './condition.ts';
import { asJson } from './json.ts';
import type { DesiredStatus } from './subject.ts';

/**
 * `namespace`: the backing namespace that was made for it, while it is there. `hasRows`: something of the Project is in
 * the database still. Both are gone before the Project is.
 */
export function endingProjectStatus(
  { metadata, status }: Project,
  namespace: string | undefined,
  hasRows: boolean,
  now: string,
): DesiredStatus {
  const waiting = hasRows
    ? 'its network is being taken down'
    : namespace === undefined
      ? 'its network is gone, and so will it be'
      : `its network is gone; it waits until namespace ${namespace} is, and that for whatever is left in it: kubectl get eip,fip,service,pod -n ${namespace}`;
  const verdict = (message: string): Verdict => ({ status: 'False', reason: 'Deleting', message });
  const verdicts = {
    Accepted: verdict('it is being deleted'),
    Programmed: verdict(waiting),
    Ready: verdict(waiting),
  };
  const conditions = mergeConditions(verdicts, currentConditions({ ...status }), metadata.generation, now);
  return {
    key: `Project/${metadata.namespace}/${metadata.name}`,
    apiVersion: kinds.Project.apiVersion,
    kind: 'Project',
    namespace: metadata.namespace,
    name: metadata.name,
    status: {
      // What is not applied again would be taken away.
      ...Object.fromEntries(
        (['namespace', 'cidrBlock'] as const).flatMap((field) =>
          status[field] === undefined ? [] : [[field, asJson(status[field])]],
        ),
      ),
      ready: false,
      conditions,
    },
  };
}
