{#- Asks Peerfolio's scheduler for a run when `dbt build` or `dbt run` has succeeded; for on-run-end. -#}
{% macro request_peerfolio_run(results) %}
    {%- set failed = results | selectattr("status", "in", ["error", "fail", "runtime error"]) | list -%}
    {%- if execute and flags.WHICH in ("build", "run") and not failed -%}
        select peerfolio.request_run(reason => 'dbt {{ invocation_id }}')
    {%- endif -%}
{% endmacro %}
