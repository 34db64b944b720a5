// Columns of NB that ovn-northd writes by itself, whenever it has got somewhere: no test may compare them.

/** Of rows of any table. Source: ovn-nb(5), what is "populated by ovn-northd". */
export const northdColumns: ReadonlySet<string> = new Set([
  'up',
  'status',
  'dynamic_addresses',
  'ipv6_prefix',
]);

/** Of NB_Global: how far northd and the hypervisors are, and the number that anybody raises who asks for that. */
export const progressColumns: ReadonlySet<string> = new Set([
  'nb_cfg',
  'nb_cfg_timestamp',
  'sb_cfg',
  'sb_cfg_timestamp',
  'hv_cfg',
  'hv_cfg_timestamp',
]);
