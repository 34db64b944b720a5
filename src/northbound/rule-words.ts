// A rule in a person's words, from the marks of its row.

/**
 * `ingress[0]: allow tcp 80 from anybody` of a NetworkPolicy, `no-telnet: reject ingress tcp 23` of a subnet. `rule`: the
 * part of what a person wrote. What shuts the pods of a policy (`nothing else gets in`) says it without a verb.
 */
export function ruleWords(rule: string, action: string, meaning: string): string {
  const verb = action === 'allow-related' ? 'allow' : action;
  return `${rule}: ${meaning.startsWith('nothing ') ? '' : `${verb} `}${meaning}`;
}
