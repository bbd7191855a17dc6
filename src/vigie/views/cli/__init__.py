"""The command line; only the standard library, Typer and Rich are imported before a command runs.

main             `vigie` and its commands
backtest         `vigie backtest`, `vigie compare`, `vigie why`
data             `vigie data`
strategies       `vigie strategy`, `vigie signals`
research         `vigie sweep`, `vigie walk-forward`
demo             `vigie demo`
demo_account     what comes before the demonstration's account trades: steps in processes of their own
demo_holdings    what the demonstration's person owns, added once prices of past days are there
demo_model       the model of the demonstration: trained, promoted, traded
demo_person      the person of the demonstration, who plans a trade from a mail about a setup
doctor           `vigie doctor`
doctor_mail      its `--mail`
config           `vigie config`
users            `vigie user`
backup           `vigie backup`
audit            `vigie audit`
valuation        `vigie valuation`
valuation_tables  valuations for the terminal
model            `vigie model`
model_tables     evaluations of models in the terminal
model_words      what commands of models say in a terminal, in every language
features         `vigie features`, `vigie explore`
feature_tables   columns for models in the terminal
letter           `vigie letter`
call             `vigie call`
call_values      `key=value` as input of an operation
call_tables      what `vigie call` prints
keys             `vigie keys`
news             `vigie news`
news_brief       its `brief` and `weekly`
news_names  names from public lists
source           `vigie source`
venue            `vigie venue`
trade            `vigie trade`
trade_lift       its `lift`
trade_change     its `change`, `versions` and `cancel-change`: what an account trades, changed from a terminal
trade_runs       what its `run` does: a run, and those that changed run files ask for
trade_status     what its `status` prints
trade_venue      the account at a venue that a plan trades
trade_closing    `vigie trade flatten`, and what the commands of `vigie trade` share
upgrade          `vigie upgrade`
programs         `vigie programs`
plugin           `vigie plugin`
serve            `vigie up`, `vigie serve`, `vigie link`
work             `vigie work`
worker_thread    a worker in the process of another part
web_address      where pages listen and how people reach them
part_runtime     what every part that runs for weeks has
collect          `vigie collect`
sandbox          `vigie sandbox`
sandbox_exchange `vigie sandbox exchange`
sandbox_scenes   scenes of the simulated market as lines
tree             one tree of processes and one link
tree_watch       what watches the parts of a tree, alone in the small program that goes on for it
tree_handover    a tree whose parts all run goes on in a fresh program, which takes less memory
preloading       what the parts of a tree load before they part
option_values    reading what a person typed
common_options   the options that most commands have
run_options      the options that every command over bars shares, and the request they make
file_options     how a file of bars is written, and three rows of it before it is taken
quick_command    a command that looks only at what was typed
progress         a bar for what lasts over a second
run_comparison   why two runs came to other money, in the terminal
tables           a run in the terminal
data_tables      what `vigie data` prints
strategy_tables  what is printed about strategies and signals
plan             plans of trades
plan_tables      tables of plans
holdings         what a person owns
holding_writer   how they write texts, numbers and days
holding_tables   tables of holdings
holding_figures  worth, gains and a tax year for the terminal, in the language of the reader
holding_files    its `import`
holding_addresses  its `addresses`
holding_tax      its `tax`, `reported` and `reconcile`
owner_home       the home of a command, and its owner
setups           setups of stored bars
journal          trades made elsewhere
alerts           the record of setups: checked, and published for others
setup_tables     tables of setups
research_tables  what is printed after a sweep or a walk-forward
"""
