"""The kinds of models, one file each.

base_rate     a yardstick: what is usual
last_outcome  a yardstick: what came last
drift         a yardstick: what came on average until now
linear        a ridge regression: how much
logistic      a logistic regression
tree          one readable tree
forest        a random forest
boosting      histogram boosting of scikit-learn
lightgbm      LightGBM
network       a small neural network
"""
