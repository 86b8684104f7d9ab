using PenguinMails.Web;
using PenguinMails.Web.Pages.Gallery;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddFrame();

var app = builder.Build();
app.UseFrame();
app.UseAntiforgery();

app.MapFrame();
if (app.Configuration["PENGUIN:GALLERY"] == "1") GalleryRoutes.Map(app);

await app.RunAsync();
