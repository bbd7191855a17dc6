"""Behind the bell: alerts, jobs and fills."""
