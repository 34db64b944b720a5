// Lines that ovn-controller logs of rules, counted by the name of the rule.

/** What the log says of one rule. */
export interface LoggedRule {
  readonly lines: number;
  /** When the last one was written, as it stands there: `2026-11-23T07:12:41.071Z`; by the order of lines. */
  readonly last: string;
}

/** Without a name a rule is nobody's. Source: OVN, lib/acl-log.c. */
const line = /^([^|]+)\|\d+\|acl_log(?:\([^)]*\))?\|INFO\|name="((?:[^"\\]|\\.)*)", verdict=/;

/** By name of the ACL: `shalb-demo-default/no-telnet`. Everything else that the log has is passed over. */
export class AclLog {
  readonly #rules = new Map<string, LoggedRule>();

  add(text: string): void {
    const [, last, name] = line.exec(text) ?? [];
    if (last === undefined || name === undefined) return;
    this.#rules.set(name, { lines: (this.#rules.get(name)?.lines ?? 0) + 1, last });
  }

  of(name: string): LoggedRule | undefined {
    return this.#rules.get(name);
  }

  /** Rules of a subnet that the log has; sorted by name. */
  below(subnet: string): readonly (LoggedRule & { readonly name: string })[] {
    return [...this.#rules]
      .filter(([name]) => name.startsWith(`${subnet}/`))
      .map(([name, { lines, last }]) => ({ name, lines, last }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}
