import argparse
import os

from shinka.core import run_shinka_eval


def check(result):
    if len(result) != 3:
        return False, f"{len(result)} numbers instead of 3"
    return True, None


def aggregate(results):
    score = sum(sum(result) for result in results)
    return {
        "combined_score": score,
        "public": {"first": results[0][0]},
        "private": {"answer": 42},
        "text_feedback": "sums are good",
    }


def main(program_path, results_dir):
    os.makedirs(results_dir, exist_ok=True)
    run_shinka_eval(
        program_path=program_path,
        results_dir=results_dir,
        experiment_fn_name="solve",
        num_runs=2,
        get_experiment_kwargs=lambda index: {"seed": index + 1},
        validate_fn=check,
        aggregate_metrics_fn=aggregate,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program_path")
    parser.add_argument("--results_dir")
    arguments = parser.parse_args()
    main(arguments.program_path, arguments.results_dir)
