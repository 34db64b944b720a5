// ValidatingAdmissionPolicies: what an API server can refuse at `kubectl apply` beside the rules of our definitions.
import { annotation, label } from './annotations.ts';
import {
  podAnnotationRules,
  projectAnnotationRules,
  serviceAnnotationRules,
  type AnnotationRule,
} from './annotation-rules.ts';
import { defaultGatewayEIpName } from './eip.ts';
import { ownLoadBalancerClass } from './service.ts';

interface Validation {
  readonly expression: string;
  /** CEL that gives a text. */
  readonly messageExpression: string;
  readonly reason?: 'Forbidden' | 'Invalid';
}

interface Policy {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** `Ignore`: an expression that fails harms nobody; what passes by that is told by a condition. */
  readonly failurePolicy: 'Fail' | 'Ignore';
  /** CEL over an object: whether it is meant for us. */
  readonly isOurs: (object: string) => string;
  readonly namespaceSelector?: object;
  readonly validations: readonly Validation[];
}

/** Verb on `projects.kube-dc.com` that lets somebody set the allowlists of a Project. */
const allowlistVerb = 'allowlist';

const text = (value: string): string => JSON.stringify(value);
const valueOf = (key: string): string => `variables.annotations[${text(key)}]`;
const isSet = (key: string): string => `variables.annotations[?${text(key)}].orValue("") != ""`;
const isChanged = (key: string): string => `${text(key)} in variables.changed`;

function annotationValidation({ key, rule, complaint, hint }: AnnotationRule): Validation {
  const value = valueOf(key);
  return {
    expression: `!(${isChanged(key)}) || ${rule(value)}`,
    messageExpression: `${text(`metadata.annotations[${key}]: "`)} + ${value} + ${text(`" ${complaint}: ${hint}`)}`,
    reason: 'Invalid',
  };
}

const ofClass = (object: string): string =>
  `${object}.spec.type == "LoadBalancer" && ${object}.spec.?loadBalancerClass.orValue(${text(ownLoadBalancerClass)}) == ${text(ownLoadBalancerClass)}`;

const nlb = annotation.bindOnEIp.split('/')[0] ?? '';
const knownOfServices = Object.values(annotation).filter((key) => key.startsWith(`${nlb}/`));
const unknown = `variables.changed.filter(k, k.startsWith(${text(`${nlb}/`)}) && !(k in ${listOf(knownOfServices)}))`;

const servicePolicy: Policy = {
  name: 'services.ovn-projector',
  group: '',
  version: 'v1',
  resource: 'services',
  failurePolicy: 'Ignore',
  isOurs: ofClass,
  namespaceSelector: { matchExpressions: [{ key: label.project, operator: 'Exists' }] },
  validations: [
    {
      expression: `size(${unknown}) == 0`,
      messageExpression: `"metadata.annotations: there is no " + ${unknown}[0] + ${text(`; there are: ${knownOfServices.map((key) => key.slice(nlb.length + 1)).join(', ')}`)}`,
      reason: 'Invalid',
    },
    ...serviceAnnotationRules.map(annotationValidation),
    twoEips(),
    typeOfHeldAddress(),
  ],
};

function twoEips(): Validation {
  const [flag, name] = [annotation.bindOnDefaultGatewayEIp, annotation.bindOnEIp];
  return {
    expression: `!(${isChanged(flag)} || ${isChanged(name)}) || variables.annotations[?${text(flag)}].orValue("") != "true" || variables.annotations[?${text(name)}].orValue("") in ["", ${text(defaultGatewayEIpName)}]`,
    messageExpression: text(
      `metadata.annotations[${name}]: it asks for an EIp by name and for ${defaultGatewayEIpName} at the same time: remove one of the two annotations`,
    ),
    reason: 'Invalid',
  };
}

/** Whether a type that was absent is the one that the address has, only the EIp knows: that is left to the condition. */
function typeOfHeldAddress(): Validation {
  const key = annotation.externalNetworkType;
  const before = `variables.before[?${text(key)}].orValue("")`;
  const isBound = [annotation.bindOnEIp, annotation.bindOnDefaultGatewayEIp].map(isSet).join(' || ');
  const hasAddress = 'size(oldObject.status.?loadBalancer.?ingress.orValue([])) > 0';
  return {
    expression: `!(${isChanged(key)}) || ${before} == "" || ${isBound} || !(${hasAddress})`,
    messageExpression: `${text(`metadata.annotations[${key}]: it was `)} + ${before} + " and cannot be changed while the Service has an address: delete the Service, and make it anew in a second step"`,
    reason: 'Invalid',
  };
}

const podPolicy: Policy = {
  name: 'pods.ovn-projector',
  group: '',
  version: 'v1',
  resource: 'pods',
  failurePolicy: 'Ignore',
  isOurs: (object) =>
    `${object}.metadata.?annotations.orValue({}).exists(k, k in ${listOf(podAnnotationRules.map(({ key }) => key))})`,
  validations: podAnnotationRules.map(annotationValidation),
};

const allowlists = projectAnnotationRules.map(({ key }) => key);

const projectPolicy: Policy = {
  name: 'projects.ovn-projector',
  group: 'kube-dc.com',
  version: 'v1',
  resource: 'projects',
  failurePolicy: 'Fail',
  isOurs: () => 'true',
  validations: [
    {
      expression: `!${listOf(allowlists)}.exists(k, variables.annotations[?k].orValue("") != variables.before[?k].orValue("")) || authorizer.group("kube-dc.com").resource("projects").namespace(request.namespace).name(object.metadata.name).check(${text(allowlistVerb)}).allowed()`,
      messageExpression: `"metadata.annotations: " + request.userInfo.username + ${text(` may not set ${allowlists.join(' or ')}: that needs the verb ${allowlistVerb} on projects.kube-dc.com (ClusterRole ovn-projector-allowlists)`)}`,
      reason: 'Forbidden',
    },
    ...projectAnnotationRules.map(annotationValidation),
    {
      expression: 'oldObject != null || size(request.namespace) + 1 + size(object.metadata.name) <= 63',
      messageExpression:
        '"metadata.name: the backing namespace " + request.namespace + "-" + object.metadata.name + " would have more than 63 characters: shorten the name of the project or of its organization"',
      reason: 'Invalid',
    },
  ],
};

/** A list of texts in CEL. */
function listOf(values: readonly string[]): string {
  return `[${values.map(text).join(', ')}]`;
}

const meta = (name: string) => ({ name, labels: { 'app.kubernetes.io/name': 'ovn-projector' } });

/** An object that is on its way out, or says what it said before, is not asked again. */
function policyObjects(policy: Policy): object[] {
  const { name, group, version, resource, failurePolicy, isOurs, namespaceSelector, validations } = policy;
  const before = `oldObject == null || !(${isOurs('oldObject')}) ? {} : oldObject.metadata.?annotations.orValue({})`;
  const rules = {
    apiGroups: [group],
    apiVersions: [version],
    operations: ['CREATE', 'UPDATE'],
    resources: [resource],
  };
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: meta(name),
      spec: {
        failurePolicy,
        matchConstraints: { resourceRules: [rules] },
        matchConditions: [
          { name: 'stays', expression: '!has(object.metadata.deletionTimestamp)' },
          { name: 'is-ours', expression: isOurs('object') },
        ],
        variables: [
          { name: 'annotations', expression: 'object.metadata.?annotations.orValue({})' },
          { name: 'before', expression: before },
          {
            name: 'changed',
            expression:
              'variables.annotations.map(k, k).filter(k, variables.annotations[k] != "" && variables.before[?k].orValue("") != variables.annotations[k])',
          },
        ],
        validations,
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: meta(name),
      spec: {
        policyName: name,
        validationActions: ['Deny'],
        ...(namespaceSelector === undefined ? {} : { matchResources: { namespaceSelector } }),
      },
    },
  ];
}

/** The policies with their bindings, and the role that lets somebody set allowlists. Plain data, fresh at each call. */
export function admissionPolicies(): readonly object[] {
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: meta('ovn-projector-allowlists'),
    rules: [{ apiGroups: ['kube-dc.com'], resources: ['projects'], verbs: [allowlistVerb] }],
  };
  return [...[servicePolicy, podPolicy, projectPolicy].flatMap(policyObjects), role];
}
