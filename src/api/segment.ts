// One physical VLAN, in the same words for every kind that is put on one.
import { Type } from 'typebox';
import { physicalNetworkText } from './cel.ts';

export const segmentProperties = {
  physicalNetwork: Type.String({
    minLength: 1,
    ...physicalNetworkText,
    description:
      'Name that the nodes map to a bridge in ovn-bridge-mappings. Several networks may share one with different VLANs.',
  }),
  vlan: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 4094, description: 'VLAN tag. 0 or absent: untagged.' }),
  ),
};
