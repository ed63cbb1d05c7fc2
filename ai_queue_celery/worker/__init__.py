"""Workers on machines without Odoo: Celery's, behind Redis.

They import the engine and nothing of Odoo, and reach no database but Redis. Inside the
package every import is relative, so that Odoo finds it as
``odoo.addons.ai_queue_celery.worker`` and a worker, with
``PYTHONPATH=ai_queue:ai_queue_celery``, as ``worker``.
"""
