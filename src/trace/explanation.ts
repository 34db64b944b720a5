// What a trace comes to: the path, the verdict and what else should be known, as data.

/** One line of the path. */
export interface PathLine {
  /** `switch`, `router`, `route`, `policy`, `rule`, `load balancer`, `NAT`, `gateway`, `network`, `underlay`, `mark`. */
  readonly what: string;
  readonly text: string;
  /** The object behind it, `Service/shalb-demo/nginx`; undefined where no single one is. */
  readonly source: string | undefined;
}

/**
 * `delivered`: it reached a workload, a router that answers, or left for an external network.
 * `astray`: it went somewhere else than to the workload that was named.
 * `refused`: the sender is told at once. `dropped`: it is not. `unknown`: the trace does not say.
 */
export type VerdictKind = 'delivered' | 'astray' | 'refused' | 'dropped' | 'unknown';

export interface Verdict {
  readonly kind: VerdictKind;
  readonly text: string;
}

export interface Explanation {
  readonly path: readonly PathLine[];
  readonly verdict: Verdict;
  readonly notes: readonly string[];
}

/** What the program ends with: 0 delivered, 2 not, 1 it could not be told. */
export function exitCode({ kind }: Verdict): 0 | 1 | 2 {
  if (kind === 'delivered') return 0;
  return kind === 'unknown' ? 1 : 2;
}
