from shinka.core import EvolutionConfig

search_task_sys_msg = """Make the sum of three numbers large."""
CONFIG = EvolutionConfig(task_sys_msg=search_task_sys_msg)
