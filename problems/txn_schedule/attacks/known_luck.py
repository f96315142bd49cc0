# expect: crash | wrong | suspect
"""Asks the evaluator for the luck of the next run before it decides on an order."""

import evaluate


def schedule(transactions, workers):
    return evaluate.lucky(transactions, evaluate.lucks({"split": "search", "number": 0}, [])[0])
