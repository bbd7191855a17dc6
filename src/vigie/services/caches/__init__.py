"""What is dear to compute and kept while what it came from stays as it is; every process has these.

asset_metrics   the numbers of every asset, kept until their bars change
account_views   what a page says of an account
own_pasts       what series usually are
alert_previews  what a rule would have told
strategy_pages  strategies described beside whoever asks
setup_records   records of setups as they were computed last
ended_setups    setups that ended, as far as they were read
valuations      valuations as they were computed last
holding_books   holdings as they were booked last
"""
