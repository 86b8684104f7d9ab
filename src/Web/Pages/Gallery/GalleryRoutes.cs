namespace PenguinMails.Web.Pages.Gallery;

public static class GalleryRoutes { public static void Map(IEndpointRouteBuilder routes) { } }
