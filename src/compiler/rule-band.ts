// The place of a rule among the others of its switch.
import { ruleBands } from './priorities.ts';
import type { RuleBand } from './priorities.ts';

/**
 * Columns of an ACL: its priority alone, whatever the server has. With tiers, ovn-northd (25.03) lets every second packet
 * of a connection that a rule of a later tier cuts pass: it is marked as blocked, and a flow of the first tier, below all
 * rules, takes a blocked connection that no rule of that tier is against for one that is allowed again
 * (`ip && ct.est && ct_mark.blocked == 1`, ls_out_acl_eval). In one tier that flow comes after every rule.
 */
export function bandColumns(band: RuleBand): { readonly priority: number } {
  return { priority: ruleBands[band] };
}
