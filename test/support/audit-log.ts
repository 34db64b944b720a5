// The audit log of an API server: which rights a user has used, and which requests of theirs were refused.
import { readFileSync, writeFileSync } from 'node:fs';

const policy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  // A watch is seen when it begins, everything else when it is answered.
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

/** Flags that make a kube-apiserver write the log to a file; the policy is written beside it. */
export function auditArguments(logFile: string): string[] {
  const policyFile = `${logFile}.policy.json`;
  writeFileSync(policyFile, JSON.stringify(policy));
  return [`--audit-policy-file=${policyFile}`, `--audit-log-path=${logFile}`];
}

interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  /** Absent: no object was asked for (`/version`). */
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
  };
  readonly responseStatus?: { readonly code: number; readonly message?: string };
}

export interface AuditedUse {
  /** {@link rightText} of every request that was let through, without doubles, sorted. */
  readonly used: readonly string[];
  /** What was said to every request for want of a right, without doubles, sorted. */
  readonly refused: readonly string[];
}

/** `list eips.kube-dc.com`, `patch services/status`: how a right is written here. */
export function rightText(verb: string, group: string, resource: string, subresource = ''): string {
  const name = group === '' ? resource : `${resource}.${group}`;
  return `${verb} ${name}${subresource === '' ? '' : `/${subresource}`}`;
}

/** What a user did until now. The server writes the log before it answers. */
export function auditedUse(logFile: string, user: string): AuditedUse {
  const lines = readFileSync(logFile, 'utf8').split('\n').filter(Boolean);
  const events = lines
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ user: { username } }) => username === user);
  // 403 is also for what nobody may do: to create something in a Namespace that goes.
  const refusal = ({ responseStatus }: AuditEvent): string | undefined =>
    responseStatus?.code === 403
      ? /cannot \w+ resource.*/.exec(responseStatus.message ?? '')?.[0]
      : undefined;
  const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].toSorted();
  return {
    used: sorted(events.filter((event) => refusal(event) === undefined).flatMap(rightsOf)),
    refused: sorted(events.flatMap((event) => refusal(event) ?? [])),
  };
}

/** Server-side apply of what was not there needs the right to create it, too: it is answered 201. */
function rightsOf({ verb, objectRef, responseStatus }: AuditEvent): string[] {
  if (objectRef === undefined) return [];
  const { apiGroup = '', resource, subresource } = objectRef;
  const isMade = verb === 'patch' && responseStatus?.code === 201;
  const verbs = isMade ? [verb, 'create'] : [verb];
  return verbs.map((each) => rightText(each, apiGroup, resource, subresource));
}
