// Whether the daemon does its work, as a list of checks that each say what is in the way.

/** One thing that must hold. */
export interface HealthCheck {
  /** As it is shown: `northbound`. */
  readonly name: string;
  /** What is in the way now; undefined: nothing. */
  readonly obstacle: () => string | undefined;
}

export interface HealthReport {
  readonly isHealthy: boolean;
  /** One line per check: `[+] northbound ok`, `[-] source: not every kind has been listed yet`. */
  readonly text: string;
}

/** Asks every check. One that throws counts as failed. */
export function checkHealth(checks: readonly HealthCheck[]): HealthReport {
  const results = checks.map(({ name, obstacle }) => ({ name, problem: ask(obstacle) }));
  const lines = results.map(({ name, problem }) =>
    problem === undefined ? `[+] ${name} ok` : `[-] ${name}: ${problem}`,
  );
  return {
    isHealthy: results.every(({ problem }) => problem === undefined),
    text: `${lines.join('\n')}\n`,
  };
}

function ask(obstacle: HealthCheck['obstacle']): string | undefined {
  try {
    return obstacle();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
