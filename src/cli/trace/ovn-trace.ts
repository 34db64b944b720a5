// Runs the system's ovn-trace and returns what it printed.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CodedError } from '../../base/errors.ts';
import { findProgram } from '../../embedded/child.ts';

const execute = promisify(execFile);

/** A new connection passes connection tracking at most this often; what is left over is not used. */
const trackings = 16;

/** TLS files as OVN's own programs take them. */
export function tlsArguments(flags: {
  readonly privateKey?: string;
  readonly certificate?: string;
  readonly caCert?: string;
}): readonly string[] {
  const { privateKey, certificate, caCert } = flags;
  return [
    ...(privateKey === undefined ? [] : [`--private-key=${privateKey}`]),
    ...(certificate === undefined ? [] : [`--certificate=${certificate}`]),
    ...(caCert === undefined ? [] : [`--ca-cert=${caCert}`]),
  ];
}

export interface OvnTraceRequest {
  /** Remote of SB; any member of a cluster will do. */
  readonly sb: string;
  readonly microflow: string;
  readonly tls: readonly string[];
  readonly timeoutMs: number;
}

export interface OvnTraceOutput {
  readonly text: string;
  /** What it said about flows that it could not read: ovn-controller cannot either. */
  readonly warnings: readonly string[];
}

/** Source: ovn-trace(8). @throws TRACE_PROGRAM_MISSING, TRACE_FAILED */
export async function runOvnTrace(request: OvnTraceRequest): Promise<OvnTraceOutput> {
  const program = findProgram('ovn-trace');
  if (program === undefined)
    throw new CodedError(
      'TRACE_PROGRAM_MISSING',
      'not installed: ovn-trace; it comes with OVN: `apt-get install ovn-common` (Debian, Ubuntu), ' +
        '`dnf install ovn` (Fedora)',
      { retryable: false },
    );
  const args = [
    `--db=${request.sb}`,
    '--no-leader-only',
    '--detailed',
    ...request.tls,
    ...Array.from({ length: trackings }, () => '--ct=new'),
    request.microflow,
  ];
  try {
    const { stdout, stderr } = await execute(program, args, {
      timeout: request.timeoutMs,
      maxBuffer: 64 * 1024 * 1024,
    });
    if (!/^(ingress|egress)\(/m.test(stdout)) throw new Error(stdout.trim() || stderr.trim() || 'no output');
    return { text: stdout, warnings: unreadable(stderr) };
  } catch (error) {
    throw new CodedError('TRACE_FAILED', 'ovn-trace failed', { retryable: false, cause: error });
  }
}

/** `2025-01-01T00:00:00Z|00001|ovntrace|WARN|MATCH: parsing expression failed (WHY)`, each once. */
function unreadable(stderr: string): readonly string[] {
  const found = [...stderr.matchAll(/\|ovntrace\|WARN\|(.*: parsing (?:expression|actions) failed.*)$/gm)];
  return [...new Set(found.map(([, text = '']) => text))];
}
