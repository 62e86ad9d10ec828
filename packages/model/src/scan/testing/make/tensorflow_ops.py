"""Lists the operators that TensorFlow registers and `rules/tensorflow.json` does not judge yet.

    python tensorflow_ops.py            prints them: each is to be put by hand under `harmless`, or judged
    python tensorflow_ops.py --first    the list that `harmless` began with, after the ones that only tests use are taken out
"""

import json
import sys
from pathlib import Path

from tensorflow.core.framework import op_def_pb2
from tensorflow.python.client import pywrap_tf_session

RULES = Path(__file__).parents[2] / "rules" / "tensorflow.json"
# Registered by TensorFlow's own tests, in its package all the same: no model has them.
TESTS = (
    "A Attr AttrBool AttrBoolList AttrDefault AttrEmptyListDefault AttrEnum AttrEnumList AttrFloat AttrListDefault "
    "AttrListMin AttrListTypeDefault AttrMin AttrPartialShape AttrPartialShapeList AttrShape AttrShapeList "
    "AttrTypeDefault B Binary ComplexStruct ConstructionFails CopyOp DefaultAttrs DevicePlacementOp DtypeWithDefaultOp "
    "FiveFloatOutputs FloatInput FloatOutput FloatOutputStringOutput Foo1 Foo2 Foo3 FuncAttr FuncListAttr "
    "GraphDefVersion InPolymorphicTwice Int64Output IntAttr IntInput IntInputFloatInput IntInputIntOutput IntOutput "
    "IntOutputFloatOutput KernelLabel KernelLabelRequired ListInput ListOutput MixedStruct NInPolymorphicTwice NInTwice "
    "NInTwoTypeVariables NIntsIn NIntsOut NIntsOutDefault NPolymorphicIn NPolymorphicOut NPolymorphicOutDefault "
    "NPolymorphicRestrictIn NPolymorphicRestrictOut Namespace>TestStringOutput None Old OpWithDefaultAttr "
    "OpWithFutureDefaultAttr OutT OutTypeList OutTypeListRestrict Polymorphic PolymorphicDefaultOut PolymorphicOut RefIn "
    "RefInputFloatInput RefInputFloatInputIntOutput RefInputIntInput RefOut RefOutput RefOutputFloatOutput "
    "RequiresOlderGraphVersion ReservedAttr ReservedInput ResourceCreateOp ResourceInitializedOp ResourceUsingOp "
    "Restrict Simple SimpleStruct StringListAttr StubResourceHandleOp TestAttr TestStringOutput TwoFloatInputs "
    "TwoFloatInputsFloatOutput TwoFloatInputsIntOutput TwoFloatOutputs TwoIntInputs TwoIntOutputs TwoRefsIn TypeList "
    "TypeListRestrict TypeListTwice Unary"
).split()


def registered():
    data = pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList())
    return sorted(op.name for op in op_def_pb2.OpList.FromString(data).op)


def main():
    rules = json.loads(RULES.read_text())
    judged = {op for row in rules["operators"] for op in row["ops"].split()}
    if "--first" in sys.argv:
        names = [name for name in registered() if name not in judged and name not in TESTS]
        rules["harmless"] = lines(names)
        RULES.write_text(json.dumps(rules, indent=2) + "\n")
        return
    harmless = {name for line in rules["harmless"] for name in line.split()}
    print("\n".join(name for name in registered() if name not in judged | harmless | set(TESTS)))


def lines(names):
    rows = {}
    for name in names:
        rows.setdefault(name.lstrip("_")[:1].upper(), []).append(name)
    return [" ".join(rows[key]) for key in sorted(rows)]


if __name__ == "__main__":
    main()
