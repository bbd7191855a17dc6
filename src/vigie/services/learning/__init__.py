"""Models that learn from stored bars: what is read for them, and how they are judged.

column_bars       the bars of the other instruments that stand for the market
evaluation_request  what an evaluation or a training is asked
prepared_rows     rows of one market or of several, cut into folds
missing_bars      bars that are missing between those that are learned from
holding_words     whether a model beats buy-and-hold, in a sentence
pooled_words      what is said of a model of several markets
model_evaluation  one kind of model on stored bars: walk-forward, trades with costs, verdict
fold_results      how time is cut, what each fold chose, what each path came to
charged_funding   stored settlements that evaluated trades are charged
venue_histories   how far back bars go at each venue
row_choices       the kind of model, the rule and the columns that an evaluation names
evaluation_record an evaluation as plain JSON
kept_evaluation   what is read of a kept evaluation
training          a kind of model becomes a registered one
model_strategy    a model as a strategy file, pinned by hash
library_strategy  a model that only a library scores, as a strategy in memory
shadow            models that decide on new bars and trade nothing
shadow_failures   where the last job of a model in the shadow failed, and why
stage_words       stages in refusals, in every language
newest_part       what nothing was learned from, opened once for a registered model
promotion         models rise from stage to stage, and go back
gates             what a model must show before each stage
account_models    which models an account may trade
training_limits   threads and memory that a training may take
kept_folds        what was learned before each fold, so that a stopped training goes on
fit_identity      of what data and code a fit is made
model_card        what a reader must know before a model is used
tree_picture      a model of one tree, drawn and in sentences
model_files       files of learned models in the home
reproduction      a fit made anew, and in what it differs
"""
