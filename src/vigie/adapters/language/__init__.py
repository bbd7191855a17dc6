"""Language models that read headlines in place of the shipped model.

endpoint  anything that speaks like OpenAI's chat completions, here or elsewhere
prompt    what is asked, and the only form in which an answer counts
"""
