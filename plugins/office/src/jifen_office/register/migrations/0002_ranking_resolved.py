from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="village",
            name="ranking_resolution",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="village",
            name="ranking_resolution_date",
            field=models.DateField(blank=True, null=True),
        ),
    ]
