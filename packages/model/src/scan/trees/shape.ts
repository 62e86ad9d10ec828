// Tells a model of XGBoost from other values, whichever format they came from.
import type { Value } from './numbers.js';
import { isFields, member } from './numbers.js';

/** A model, a configuration, or both as pickles of a booster hold them. */
export function looksLikeXgboost(value: Value): boolean {
  if (isFields(member(value, 'Model')) && isFields(member(value, 'Config'))) return true;
  const learner = member(value, 'learner');
  return (
    isFields(learner) &&
    (isFields(member(learner, 'gradient_booster')) || isFields(member(learner, 'learner_model_param')))
  );
}
