// The wall as ovn-northd compiles it: a drop before routing, and no connection tracking on a switch that many share.
import { describe, expect, test } from 'vitest';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';
import { converge } from '../support/engine-world.ts';
import { networks, onDefaultGateway, project, service } from '../support/scenario.ts';

const limited = service(
  'web',
  onDefaultGateway,
  'ports: [{port: 80}], loadBalancerSourceRanges: [192.0.2.0/24]',
);

/** Flows that send packets to connection tracking. */
const tracking = (flows: string): string[] =>
  flows.split('\n').filter((line) => /ls_(?:in|out)_pre_(?:acl|lb).*reg0\[[02]\] = 1/.test(line));

describe.each(ovnVersions)('on OVN %s', (version) => {
  test.skipIf(!hasOvn(version))('the wall and source ranges keep the external switch stateless', async () => {
    await using central = await startOvnCentral({ version });
    await converge(networks + project + limited, { nb: central.nb });
    await central.compiled();
    const flows = await central.sbctl('lflow-list', 'ext-cloud');
    expect(flows).toMatch(
      /ls_in_acl.*inport == "localnet\.ext-cloud" && ip4 && !\(ip4\.dst == 100\.65\.0\.0\/16\)/,
    );
    expect(flows).toMatch(
      /ls_in_acl.*inport == "localnet\.ext-cloud" && ip6 && !\(ip6\.dst == \{fe80::\/10, ff00::\/8\}\)/,
    );
    expect(tracking(flows)).toEqual([]);
    expect(await central.northdWarnings()).toEqual([]);

    await central.nbctl('acl-add', 'ext-cloud', 'to-lport', '1', 'ip4', 'allow-related');
    await central.compiled();
    expect(tracking(await central.sbctl('lflow-list', 'ext-cloud'))).not.toEqual([]);
  });
});
