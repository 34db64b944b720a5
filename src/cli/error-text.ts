// Errors in words for the person who typed the command: what failed, why, and what to do about it.
import { CodedError, InvariantError } from '../base/errors.ts';

/** What to do, by code. A code without an entry has its remedy in the message. */
const remedies: Readonly<Record<string, string>> = {
  OVSDB_INVALID_REMOTE:
    'write unix:PATH, tcp:HOST:PORT or ssl:HOST:PORT, several separated by commas, as for ovn-nbctl --db',
  OVSDB_UNREACHABLE:
    'check that the server runs and listens there; --nb names the Northbound database (ovn-nbctl --db=REMOTE show), --sb the Southbound (ovn-sbctl)',
  OVSDB_TLS: 'check --ca-cert, --certificate, --private-key and --tls-server-name',
  LAB_IMPOSSIBLE: 'sudo ./scripts/demo --packets (in a checkout) sets up what is missing',
  LAB_NAMESPACE_FAILED:
    'it takes CAP_SYS_ADMIN and CAP_NET_ADMIN: in a container, run that with --privileged',
  KUBE_NO_CONFIG: 'name an API server with --kubeconfig, or a folder of manifests with -f',
  KUBE_NOT_SERVED: 'apply the definitions of our kinds: ovn-projector crd | kubectl apply -f -',
  KUBE_UNREACHABLE:
    'check the address in the kubeconfig (kubectl version), or name a folder of manifests with -f',
  KUBE_UNAUTHORIZED: 'renew the token or certificate in the kubeconfig',
  KUBE_FORBIDDEN: 'let the user of the kubeconfig list and watch what is named above',
  OVSDB_UNKNOWN_DATABASE: 'the server answers but serves another database: check the port (NB 6641, SB 6642)',
};

/**
 * Returns `error: …` lines; `where` is for example the unit that failed. Causes that the message does not tell already
 * are added after it.
 */
export function formatError(error: unknown, where?: string): string {
  const prefix = where === undefined ? 'error: ' : `error: ${where}: `;
  if (error instanceof InvariantError)
    return `${prefix}${error.message}\n  this is a bug in ovn-projector: please report it with the output of --log-level debug\n`;
  const remedy = codesOf(error)
    .map((code) => remedies[code])
    .findLast((text) => text !== undefined);
  return `${prefix}${withCauses(error)}\n${remedy === undefined ? '' : `  ${remedy}\n`}`;
}

/** Codes from the outermost error to the cause of all: the last one knows best. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return [...(error instanceof CodedError ? [error.code] : []), ...codesOf(error.cause)];
}

function withCauses(error: unknown): string {
  const message = messageOf(error);
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause === undefined) return message;
  const text = withCauses(cause);
  return message.includes(text) ? message : `${message}: ${text}`;
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
